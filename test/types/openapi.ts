import swagger from '@fastify/swagger'
import Fastify from 'fastify'
import { createJsonSchemaTransform, jsonSchemaTransform } from 'fastify-type-provider-zod'
import { openapiTransform } from 'fastify-created'

const app = Fastify()

app.register(swagger, { openapi: { openapi: '3.1.0' }, transform: openapiTransform() })
app.register(swagger, { swagger: {}, transform: openapiTransform() })
app.register(swagger, { transform: openapiTransform(undefined) })

// Transforms of other packages, and one of the app
app.register(swagger, { openapi: {}, transform: openapiTransform(jsonSchemaTransform) })
app.register(swagger, { openapi: {}, transform: openapiTransform(createJsonSchemaTransform({ skipList: ['/docs'] })) })
app.register(swagger, { openapi: {}, transform: openapiTransform(openapiTransform(jsonSchemaTransform)) })
app.register(swagger, {
  openapi: {},
  transform: openapiTransform(({ schema, url, route }) => (
    { schema: { ...schema, hide: route.method === 'PUT' }, url }
  ))
})

// For one route
app.get('/users', { config: { swaggerTransform: openapiTransform() } }, async () => [])

// @ts-expect-error a transform returns the url, too
app.register(swagger, { openapi: {}, transform: openapiTransform(({ schema }) => ({ schema })) })
// @ts-expect-error a transform is a function
app.register(swagger, { openapi: {}, transform: openapiTransform({}) })
