import swagger from '@fastify/swagger'
import Fastify from 'fastify'
import { createJsonSchemaTransform, jsonSchemaTransform } from 'fastify-type-provider-zod'
import { documentCreation } from 'fastify-created'

const app = Fastify()

app.register(swagger, { openapi: { openapi: '3.1.0' }, transform: documentCreation() })
app.register(swagger, { swagger: {}, transform: documentCreation() })
app.register(swagger, { transform: documentCreation(undefined) })

// Transforms of others, and one written here
app.register(swagger, { openapi: {}, transform: documentCreation(jsonSchemaTransform) })
app.register(swagger, { openapi: {}, transform: documentCreation(createJsonSchemaTransform({ skipList: ['/docs'] })) })
app.register(swagger, { openapi: {}, transform: documentCreation(documentCreation(jsonSchemaTransform)) })
app.register(swagger, { openapi: {}, transform: documentCreation(({ schema, url, route }) => ({ schema: { ...schema, hide: route.method === 'PUT' }, url })) })

// For one route
app.get('/users', { config: { swaggerTransform: documentCreation() } }, async () => [])

// @ts-expect-error a transform gives the url, too
app.register(swagger, { openapi: {}, transform: documentCreation(({ schema }) => ({ schema })) })
// @ts-expect-error a transform is a function
app.register(swagger, { openapi: {}, transform: documentCreation({}) })
