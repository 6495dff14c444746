import { sh } from 'store/recipe'
import { type DebName, deb } from '../deb.js'

/** Unpacks packages over each other into the folder `root`. */
export const unpackDebs = (names: readonly DebName[]) => sh`mkdir root
for package in ${names.map(deb)}; do
  dpkg-deb -x "$package" root
done`
