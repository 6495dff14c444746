export { perl } from './seed/perl.js'
