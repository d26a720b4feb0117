import { Type, type Static } from '@fastify/type-provider-typebox'
import { createSelectSchema } from 'drizzle-typebox'
import { posts } from '../tables.js'
import { IdSchema, TextSchema, TimestampSchema } from '../validation.js'

const row = createSelectSchema(posts, { created_at: TimestampSchema, updated_at: TimestampSchema })

/** A post as clients see it. The serializer leaves out all other columns. */
export const PostSchema = Type.Composite([
  Type.Pick(row, ['id', 'title', 'content', 'author_id', 'created_at', 'updated_at', 'published']),
  Type.Object({ url: Type.String() }),
  Type.Pick(row, ['tags'])
])

export const NewPostSchema = Type.Object({
  title: TextSchema(1, 200),
  content: TextSchema(1, 100_000),
  tags: Type.Optional(Type.Array(TextSchema(1, 50), { maxItems: 20 })),
  publish: Type.Optional(Type.Boolean())
}, { additionalProperties: false })

export type NewPost = Static<typeof NewPostSchema>

export const PostParamsSchema = Type.Object({ id: IdSchema })
