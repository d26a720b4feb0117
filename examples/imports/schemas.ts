import { Type, type Static } from '@fastify/type-provider-typebox'
import { NewUserSchema } from '../users/schemas.js'
import { IdSchema } from '../validation.js'

export const NewImportSchema = Type.Object({
  users: Type.Array(NewUserSchema, { minItems: 1, maxItems: 1000 })
}, { additionalProperties: false })

/** The progress of an import. `done` counts created users and errors. */
export const ImportSchema = Type.Object({
  id: IdSchema,
  status: Type.Union([Type.Literal('running'), Type.Literal('done'), Type.Literal('failed')]),
  total: Type.Integer(),
  done: Type.Integer(),
  created: Type.Array(Type.String(), { description: 'The URLs of the users, in the order in which they were sent' }),
  errors: Type.Array(Type.Object({
    index: Type.Integer({ description: 'The position of the user, counted from 0' }),
    detail: Type.String()
  }))
})

export type Import = Static<typeof ImportSchema>

export const ImportParamsSchema = Type.Object({ id: IdSchema })
