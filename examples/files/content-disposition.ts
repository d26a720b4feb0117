/** The Content-Disposition of a download (RFC 6266): an ASCII name for old clients, and the exact name (RFC 8187). */
export function attachment (filename: string): string {
  const ascii = filename.replace(/[^\x20-\x7E]|["%\\/]/g, '_')
  const encoded = encodeURIComponent(filename)
    .replace(/['()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`
}
