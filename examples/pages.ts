import { Type, type Static, type TSchema } from '@fastify/type-provider-typebox'
import { IdSchema } from './validation.js'

export const DEFAULT_LIMIT = 20

/** A list is read page by page, in the order of the ids: `after` is the last id of the page before. */
export const PageQuerySchema = Type.Object({
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: DEFAULT_LIMIT })),
  after: Type.Optional(IdSchema)
}, { additionalProperties: false })

export type PageQuery = Static<typeof PageQuerySchema>

export function pageSchema<T extends TSchema> (item: T) {
  return Type.Object({
    items: Type.Array(item),
    next: Type.Union([IdSchema, Type.Null()], { description: 'What to give as `after` for the next page; null on the last one' })
  })
}

/** @param rows one more than `limit` where there is a next page */
export function toPage<T> (rows: T[], limit: number, idOf: (row: T) => string) {
  const items = rows.slice(0, limit)
  return { items, next: rows.length > limit ? idOf(items[limit - 1]) : null }
}
