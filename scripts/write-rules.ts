import { writeFileSync } from 'node:fs'
import { rulesPage } from './rules-page.js'

writeFileSync(new URL('../docs/reference/rules.md', import.meta.url), rulesPage())
