export { file } from './seed/file.js'
