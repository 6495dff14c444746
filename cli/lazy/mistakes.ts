export { closest, Interrupted } from '../../builder/index.js'
