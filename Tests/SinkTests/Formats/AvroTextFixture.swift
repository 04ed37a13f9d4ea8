import Foundation

@testable import Formats

/// Avro bytes as the JSON that the sink makes of them.
enum AvroTextFixture {
    static func plan(_ schema: String, _ references: [String] = [], scope: EventScope = .whole) throws
        -> AvroPlan
    {
        try AvroPlan(
            AvroSchema(Array(schema.utf8), references: references.map { Array($0.utf8) }),
            scope: scope
        )
    }

    static func payload(_ schema: String, _ bytes: [UInt8], _ references: [String] = []) throws -> String {
        try payload(plan(schema, references), bytes)
    }

    static func payload(_ plan: AvroPlan, _ bytes: [UInt8]) throws -> String {
        var buffer = TextBuffer()
        try AvroTranscoder.write(plan, bytes.span.bytes, from: 0, to: &buffer)
        return String(decoding: buffer.copied, as: UTF8.self)
    }

    /// The Connect schema that stands in front of the records.
    static func connectSchema(_ schema: String, scope: EventScope = .whole) throws -> NSDictionary {
        let prefix = String(decoding: try plan(schema, scope: scope).prefix, as: UTF8.self)
        return try dictionary(prefix + "0}", "schema")
    }

    static func dictionary(_ text: String, _ member: String) throws -> NSDictionary {
        let document = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
        return document?[member] as? NSDictionary ?? [:]
    }

    static func bytes(_ hex: String) -> [UInt8] {
        let digits = hex.utf8.filter { $0 != 0x20 }.map {
            UInt8(Character(Unicode.Scalar($0)).hexDigitValue ?? 0)
        }
        return stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }
}
