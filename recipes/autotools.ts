export { autotools } from './seed/autotools.js'
