export { showProgress } from '../progress/progress.js'
