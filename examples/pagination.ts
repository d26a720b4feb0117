import { Type, type Static, type TSchema } from '@fastify/type-provider-typebox'
import { IdSchema } from './validation.js'

export const DEFAULT_LIMIT = 20

/** Lists are ordered by id. The cursor `after` is the last id of the previous page. */
export const PageQuerySchema = Type.Object({
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: DEFAULT_LIMIT })),
  after: Type.Optional(IdSchema)
}, { additionalProperties: false })

export type PageQuery = Static<typeof PageQuerySchema>

export function pageSchema<T extends TSchema> (item: T) {
  return Type.Object({
    items: Type.Array(item),
    next: Type.Union([IdSchema, Type.Null()], {
      description: 'The value of `after` for the next page; null on the last page'
    })
  })
}

/** @param rows up to `limit + 1` rows: the extra row means that there is a next page */
export function toPage<T> (rows: T[], limit: number, idOf: (row: T) => string) {
  const items = rows.slice(0, limit)
  return { items, next: rows.length > limit ? idOf(items[limit - 1]) : null }
}
