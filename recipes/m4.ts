export { m4 } from './seed/tools.js'
