import type { SourceContent } from './source.js'

/** The words by which texts of licences are known, and their SPDX names; the first that fits is taken. */
const known: readonly (readonly [words: RegExp, license: string])[] = [
  [/GNU AFFERO GENERAL PUBLIC LICENSE\s+Version 3/i, 'AGPL-3.0-or-later'],
  [/GNU LESSER GENERAL PUBLIC LICENSE\s+Version 3/i, 'LGPL-3.0-or-later'],
  [/GNU LESSER GENERAL PUBLIC LICENSE\s+Version 2\.1/i, 'LGPL-2.1-or-later'],
  [/GNU LIBRARY GENERAL PUBLIC LICENSE\s+Version 2/i, 'LGPL-2.0-or-later'],
  [/GNU GENERAL PUBLIC LICENSE\s+Version 3/i, 'GPL-3.0-or-later'],
  [/GNU GENERAL PUBLIC LICENSE\s+Version 2/i, 'GPL-2.0-or-later'],
  [/Apache License\s+Version 2\.0/i, 'Apache-2.0'],
  [/Mozilla Public License,?\s+Version 2\.0/i, 'MPL-2.0'],
  [/Boost Software License - Version 1\.0/i, 'BSL-1.0'],
  [/This is free and unencumbered software released into the public domain/i, 'Unlicense'],
  [/This software is provided 'as-is', without any express or implied/i, 'Zlib'],
  [/Redistribution and use[\s\S]*Neither the names? of/i, 'BSD-3-Clause'],
  [/Redistribution and use in source and binary forms/i, 'BSD-2-Clause'],
  [/Permission to use, copy, modify, and\/or distribute[\s\S]*above copyright notice/i, 'ISC'],
  [/Permission to use, copy, modify, and\/or distribute/i, '0BSD'],
  [/Permission is hereby granted, free of charge, to any person obtaining a copy/i, 'MIT'],
]

/** Which licence a source seems to have. Whether later versions may be chosen no text of a licence says. */
export function guessLicense({ texts }: SourceContent): string | undefined {
  for (const [name, text] of [...texts].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const found = /^(copying|licen[cs]e|unlicense)/i.test(name) && known.find(([words]) => words.test(text))
    if (found) return found[1]
  }
  return undefined
}
