import Foundation
import Testing

@testable import Sink

struct PropertyReferenceTests {
    @Test func `the reference in docs is what the catalog says: if not, run make docs`() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..")
        let text = try String(contentsOf: root.appending(path: "docs/configuration.md"), encoding: .utf8)
        #expect(PropertyReference.updated(text) == text)
    }

    /// Whether the configuration is refused for the property's own value; other properties may have to go with it.
    private func isRefused(_ name: String, _ value: String) -> Bool {
        ConfigurationFixture.problems([name: value]).contains { problem in
            // The value of one that may hold a secret is not said.
            guard problem.hasPrefix("\(name) = ") || problem.hasPrefix("\(name): ") else { return false }
            return problem.contains(": must be") || problem.contains(": is not supported")
        }
    }

    @Test(arguments: PropertyCatalog.all.filter { $0.meaning != nil }.map(\.name))
    func `the values in the reference are those that are taken`(property: String) throws {
        let description = try #require(PropertyCatalog.find(property)?.meaning)
        guard !property.hasSuffix("*") else { return }
        if !description.fallback.isEmpty { #expect(!isRefused(property, description.fallback)) }
        guard case .words(let words) = description.values else { return }
        for word in words { #expect(!isRefused(property, word), "\(word)") }
        #expect(isRefused(property, "no.such-word"))
        #expect(description.fallback.isEmpty || words.contains(description.fallback))
    }

    @Test(arguments: PropertyCatalog.all.map(\.name))
    func `what the catalog refuses is refused with its reason`(name: String) throws {
        let property = try #require(PropertyCatalog.find(name))
        guard case .refused(let allowed, let reason) = property.support else { return }
        for name in property.names {
            let concrete = name.replacing("*", with: "x")
            #expect(
                ConfigurationFixture.problems([concrete: "no.such-value"]).contains {
                    $0.hasPrefix(concrete) && $0.contains(reason)
                },
                "\(concrete)"
            )
            for value in allowed where !name.hasSuffix("*") {
                #expect(!ConfigurationFixture.problems([concrete: value]).contains { $0.contains(reason) })
            }
        }
    }

    @Test func `text around the tables stays`() throws {
        let text = "a\n\(PropertyReference.start)\nold\n\(PropertyReference.end)\nb\n"
        let updated = try #require(PropertyReference.updated(text))
        #expect(updated.hasPrefix("a\n\(PropertyReference.start)\n\n### Kafka and Connect"))
        #expect(updated.hasSuffix("|\n\n\(PropertyReference.end)\nb\n"))
        #expect(PropertyReference.updated(updated) == updated)
        #expect(PropertyReference.updated("a\n\(PropertyReference.start)\n") == nil)
    }
}
