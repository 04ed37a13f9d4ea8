/// Writes a name so that PostgreSQL reads it as it stands (PostgreSQL manual, section 4.1.1).
///
/// - Parameter name: one part of a name: a dot in it belongs to it.
public func quotedIdentifier(_ name: String) -> String {
    "\"" + name.replacing("\"", with: "\"\"") + "\""
}
