import { startConflict } from './conflict.js'
import { pickUser, startEditor } from './editor.js'
import { startFiles } from './files.js'
import { startList } from './list.js'
import { startRegistration } from './register.js'

startRegistration()
startEditor()
startConflict()
startFiles()
startList(pickUser)
