import ChangeEvents
import Testing

@testable import Formats

struct WireFormatTests {
    private static let guid: [UInt8] = [
        0x89, 0x79, 0x1B, 0x2A, 0, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xAA, 0xBB,
    ]

    private func frame(
        _ family: WireFormat.Family,
        _ bytes: [UInt8],
        _ headers: [String: [UInt8]] = [:]
    ) throws -> WireFormat.Frame {
        try WireFormat(family, .value).frame(bytes.span.bytes) { headers[$0] }
    }

    @Test func `Confluent's numbers and GUIDs stand in front of the data or in a header`() throws {
        let guid = SchemaID.guid(0x8979_1B2A_0011_2233, 0x4455_6677_8899_AABB)
        #expect(guid.guidText == "89791b2a-0011-2233-4455-66778899aabb")
        let header = "__value_schema_id"
        for (bytes, headers, id, start) in [
            ([0, 0, 0, 1, 2, 9], [:], SchemaID.number(258), 5),
            ([0, 0xFF, 0xFF, 0xFF, 0xFF], [:], .number(.max), 5), ([1] + Self.guid + [9], [:], guid, 17),
            ([9], [header: [1] + Self.guid], guid, 0), ([], [header: [0, 0, 0, 0, 7]], .number(7), 0),
            // A header counts before what looks like a number.
            ([0, 0, 0, 1, 2], [header: [0, 0, 0, 0, 7]], .number(7), 0),
            ([0, 0, 0, 1, 2], ["__key_schema_id": [0, 0, 0, 0, 7]], .number(258), 5),
        ] as [([UInt8], [String: [UInt8]], SchemaID, Int)] {
            #expect(try frame(.confluent, bytes, headers) == WireFormat.Frame(id: id, start: start))
        }
    }

    @Test func `Apicurio's ids have eight bytes or four, or stand in headers`() throws {
        let (value, content) = ("apicurio.value.globalId", "apicurio.value.contentId")
        let seven: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 7]
        for (bytes, headers, usesContentID, id, start) in [
            ([0] + seven + [9], [:], false, SchemaID.globalID(7), 9),
            ([0] + seven, [:], true, .contentID(7), 9),
            ([0, 0, 0, 0, 7, 9], [:], false, .globalID(7), 5),
            ([0, 0, 0, 0, 7, 9], [:], true, .contentID(7), 5),
            ([2, 2], [value: seven], true, .globalID(7), 0),
            ([2, 2], [content: seven], false, .contentID(7), 0),
        ] as [([UInt8], [String: [UInt8]], Bool, SchemaID, Int)] {
            let found = try frame(.apicurio(usesContentID: usesContentID), bytes, headers)
            #expect(found == WireFormat.Frame(id: id, start: start))
        }
    }

    @Test(
        arguments: [
            (.confluent, [], [:], "no registry"), (.confluent, [0, 0, 0], [:], "no registry"),
            (.confluent, Array("{\"a\":1}".utf8), [:], "JsonConverter"),
            (.confluent, [2, 0, 0, 0, 1], [:], "no registry"),
            (.confluent, [1, 2, 3], [:], "no registry"),
            (.confluent, [0, 0, 0, 0, 0, 0, 0, 0, 7], [:], "Apicurio"),
            (.confluent, [1], ["__value_schema_id": [0, 0, 0, 0, 7, 9]], "6 bytes"),
            (.apicurio(usesContentID: false), [0, 0, 0, 0, 0, 1], [:], "no registry"),
            (.apicurio(usesContentID: false), [2], ["apicurio.value.globalId": [1]], "1 bytes"),
            (.apicurio(usesContentID: false), [2], ["apicurio.value.encoding": Array("JSON".utf8)], "BINARY"),
        ] as [(WireFormat.Family, [UInt8], [String: [UInt8]], String)]
    )
    func `other bytes are named as what they are`(
        family: WireFormat.Family,
        bytes: [UInt8],
        headers: [String: [UInt8]],
        part: String
    ) {
        let error = #expect(throws: DecodeError.self) { try frame(family, bytes, headers) }
        #expect(error?.description.contains(part) == true, "\(error?.description ?? "")")
    }
}
