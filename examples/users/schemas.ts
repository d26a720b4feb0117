import { Type, type Static } from '@fastify/type-provider-typebox'
import { createSelectSchema } from 'drizzle-typebox'
import { users } from '../tables.js'
import { IdSchema, TimestampSchema } from '../validation.js'

const row = createSelectSchema(users, { created_at: TimestampSchema, updated_at: TimestampSchema })

/** A user as clients see it. What is not named here does not leave the server. */
export const UserSchema = Type.Pick(row, ['id', 'username', 'email', 'status', 'email_verified', 'created_at', 'updated_at'])

export const NewUserSchema = Type.Object({
  username: Type.String({ minLength: 3, maxLength: 32, pattern: '^[A-Za-z0-9_-]*$' }),
  email: Type.String({ format: 'email', maxLength: 254 }),
  password: Type.String({ minLength: 8, maxLength: 128, pattern: '^[^\\u0000]*$' })
}, { additionalProperties: false })

export type NewUser = Static<typeof NewUserSchema>

export const UserParamsSchema = Type.Object({ id: IdSchema })
