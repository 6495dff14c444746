export { borrowUser } from '../../builder/index.js'
