/** The ways to give a resource a version, for messages. @param name what the code calls a record */
export function versionFix (name: string): string {
  return `resource({ etag: (${name}) => ${name}.version }) with a version column, ` +
    `${name}.updatedAt.toISOString(), digest(${name}), or null if there is no version`
}
