export { python } from './seed/python.js'
