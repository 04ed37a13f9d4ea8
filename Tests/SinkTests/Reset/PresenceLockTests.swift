import Testing

@testable import Sink

struct PresenceLockTests {
    @Test func `each name has a key of its own, and always the same`() {
        let names = [
            "orders", "orders2", "Bestellungen äöü", "Bestellungen åöü", String(repeating: "x", count: 80),
            "",
        ]
        #expect(Set(names.map { PresenceLock(sink: $0).key }).count == names.count)
        #expect(PresenceLock(sink: "orders").key == PresenceLock(sink: "orders").key)
        // Another version must find the lock of this one.
        #expect(PresenceLock(sink: "orders").key == 5_013_698_761_488_561_270)
    }

    @Test func `a name that the server keeps is the application's name`() {
        #expect(ApplicationName.of(sink: "orders") == "handover-sink orders")
        let longest = String(repeating: "x", count: 49)
        #expect(ApplicationName.of(sink: longest) == "handover-sink \(longest)")
    }

    @Test(arguments: [
        ("Müller", "Möller"),
        (String(repeating: "x", count: 60) + "1", String(repeating: "x", count: 60) + "2"),
        ("a\nb", "a\tb"),
    ])
    func `names that the server would make one stay two`(one: String, other: String) {
        let names = [one, other].map { ApplicationName.of(sink: $0) }
        #expect(names[0] != names[1])
        for name in names {
            #expect(name.utf8.count <= 63 && name.utf8.allSatisfy { (0x20..<0x7F).contains($0) })
            #expect(name.hasPrefix("handover-sink "))
        }
    }
}

struct DatabaseEncodingTests {
    @Test func `a database that does not hold every character says which`() {
        #expect(DatabaseEncoding(name: "UTF8").limits == nil)
        #expect(DatabaseEncoding(name: "LATIN1").limits?.contains("LATIN1") == true)
        #expect(DatabaseEncoding(name: "SQL_ASCII").limits?.contains("counts bytes") == true)
    }

    @Test func `the reason of a dead letter goes into a database of any encoding`() {
        #expect(
            DeadLetterTable.plain("column größe\0 is not in t")
                == "column gr\\u{00F6}\\u{00DF}e\\0 is not in t"
        )
    }
}
