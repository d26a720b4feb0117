import type { TSchema } from '@sinclair/typebox'
import { Value, ValueErrorType, type ValueError } from '@sinclair/typebox/value'
import { FST_CREATED_OPTION_INVALID } from '../errors.js'
import { show } from './format-value.js'

/**
 * Options by their schema. Its annotation `allowed` says in words what a value may be.
 * @throws FST_CREATED_OPTION_INVALID for the first that is wrong
 */
export function checkOptions (where: string, root: string, schema: TSchema, value: unknown): void {
  const error = Value.Errors(schema, value).First()
  if (error === undefined) return
  const path = [root, ...error.path.split('/').slice(1)].filter((part) => part !== '').join('/')
  if (error.type === ValueErrorType.ObjectAdditionalProperties) {
    const parent = path.split('/').slice(0, -1).join('/')
    throw new FST_CREATED_OPTION_INVALID(where, path, `unknown (its value is ${show(error.value)})`, `${parent && `below ${parent}: `}${namesBelow(schema, error)}`)
  }
  throw new FST_CREATED_OPTION_INVALID(where, path || 'object', show(error.value), allowedBy(error.schema))
}

function namesBelow (schema: TSchema, error: ValueError): string {
  const parents = error.path.split('/').slice(1, -1)
  const parent = parents.reduce<TSchema>((inner, name) => inner.properties[name], schema)
  return Object.keys(parent.properties).join(', ')
}

function allowedBy ({ allowed, anyOf }: TSchema): string {
  return typeof allowed === 'string' ? allowed : anyOf.map((option: TSchema) => show(option.const)).join(', ')
}
