import { isPostgresUrl } from './database.js'

/** Reads the settings of the server. An empty variable counts as not set. */
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
  throw new Error(`${name} must be a whole number from ${min} to ${max}, but is '${text}'`)
}

// The message does not repeat the URL, because it may contain a password.
function readDatabaseUrl (url: string | undefined): string | undefined {
  if (url === undefined || isPostgresUrl(url)) return url
  throw new Error('DATABASE_URL must be a PostgreSQL URL, such as postgres://user@localhost:5432/name')
}

function readOrigin (origin: string | undefined): string | undefined {
  if (origin === undefined || isHttpOrigin(origin)) return origin
  throw new Error(`CORS_ORIGIN must be an origin such as https://app.example.com, but is '${origin}'`)
}

function isHttpOrigin (origin: string): boolean {
  return /^https?:/.test(origin) && URL.canParse(origin) && new URL(origin).origin === origin
}

// RFC 6750 section 2.1. No client could send a token with other characters. The message does not repeat the secret.
function readToken (token: string): string {
  if (/^[\w.~+/-]+=*$/.test(token)) return token
  throw new Error('API_TOKEN must be a bearer token: letters, digits and - . _ ~ + /, with = only at the end')
}
