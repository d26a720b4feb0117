import { Type, type Static } from '@fastify/type-provider-typebox'
import { createSelectSchema } from 'drizzle-typebox'
import { users } from '../tables.js'
import { IdSchema, TextSchema, TimestampSchema } from '../validation.js'

const row = createSelectSchema(users, { created_at: TimestampSchema, updated_at: TimestampSchema })

/** A user as clients see it. The serializer leaves out all other columns. */
export const UserSchema = Type.Pick(row, [
  'id', 'username', 'email', 'status', 'email_verified', 'created_at', 'updated_at'
])

export const NewUserSchema = Type.Object({
  username: Type.String({ minLength: 3, maxLength: 32, pattern: '^[A-Za-z0-9_-]*$' }),
  email: Type.String({ format: 'email', maxLength: 254 }),
  password: TextSchema(8, 128)
}, { additionalProperties: false })

export type NewUser = Static<typeof NewUserSchema>

/** A JSON merge patch (RFC 7396). In it `null` removes a field, and a user has none that may be removed. */
export const UserPatchSchema = Type.Partial(Type.Object({
  ...NewUserSchema.properties,
  status: row.properties.status
}), { additionalProperties: false })

export type UserPatch = Static<typeof UserPatchSchema>

export const UserParamsSchema = Type.Object({ id: IdSchema })
