import { isPostgresUrl } from './database.js'

/** What the server is told by its environment. An empty variable is as good as none. */
export function readEnvironment (env: NodeJS.ProcessEnv) {
  return {
    host: env.HOST || '127.0.0.1',
    port: readInteger('PORT', env.PORT || '3000', 0, 65_535),
    dataDir: env.DATA_DIR || '.data',
    databaseUrl: readDatabaseUrl(env.DATABASE_URL || undefined),
    apiToken: readToken(env.API_TOKEN || 'dev-token'),
    corsOrigin: readOrigin(env.CORS_ORIGIN || undefined),
    uploadLimit: readInteger('UPLOAD_LIMIT', env.UPLOAD_LIMIT || String(2 ** 31), 1, Number.MAX_SAFE_INTEGER)
  }
}

function readInteger (name: string, text: string, min: number, max: number): number {
  const value = Number(text)
  if (/^\d+$/.test(text) && value >= min && value <= max) return value
  throw new Error(`${name} must be a whole number from ${min} to ${max}, instead got '${text}'`)
}

// It may hold a password, so the message does not repeat it.
function readDatabaseUrl (url: string | undefined): string | undefined {
  if (url === undefined || isPostgresUrl(url)) return url
  throw new Error('DATABASE_URL must be the URL of a PostgreSQL database, such as postgres://user@localhost:5432/name')
}

function readOrigin (origin: string | undefined): string | undefined {
  if (origin === undefined || (/^https?:/.test(origin) && URL.canParse(origin) && new URL(origin).origin === origin)) return origin
  throw new Error(`CORS_ORIGIN must be the origin that browsers may call from, such as https://app.example.com, instead got '${origin}'`)
}

// RFC 6750 section 2.1. What no client can send would lock everybody out. Not repeated either.
function readToken (token: string): string {
  if (/^[\w.~+/-]+=*$/.test(token)) return token
  throw new Error('API_TOKEN must be a bearer token: letters, digits and - . _ ~ + /, and = at the end')
}
