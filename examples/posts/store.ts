import { and, eq, gt } from 'drizzle-orm'
import { resource } from 'fastify-created'
import type { Database } from '../database.js'
import { DEFAULT_LIMIT, toPage, type PageQuery } from '../pagination.js'
import { NEW_VERSION, posts } from '../tables.js'
import type { NewPost } from './schemas.js'

export type Post = typeof posts.$inferSelect

export const postResource = resource<Post>({ etag: (post) => post.version })

export async function insertPost (db: Database, authorId: string, newPost: NewPost): Promise<Post> {
  const [post] = await db.insert(posts).values({ author_id: authorId, ...toRow(newPost) }).returning()
  return post
}

/** @returns `undefined` if `current` is no longer the current version */
export async function replacePost (
  db: Database, { id, version }: Post, newPost: NewPost
): Promise<Post | undefined> {
  const isVersion = and(eq(posts.id, id), eq(posts.version, version))
  const [post] = await db.update(posts).set({ ...toRow(newPost), ...NEW_VERSION }).where(isVersion).returning()
  return post
}

export async function findPost (db: Database, id: string): Promise<Post | undefined> {
  const [post] = await db.select().from(posts).where(eq(posts.id, id))
  return post
}

export async function listPosts (db: Database, { limit = DEFAULT_LIMIT, after }: PageQuery) {
  const isAfter = after === undefined ? undefined : gt(posts.id, after)
  const rows = await db.select().from(posts).where(isAfter).orderBy(posts.id).limit(limit + 1)
  return toPage(rows, limit, (post) => post.id)
}

function toRow ({ title, content, tags = [], publish = false }: NewPost) {
  return { title, content, tags, published: publish }
}
