import Testing

@testable import Formats
@testable import HTTPRequests

/// What a registry answers, and what becomes of it; the real one is in the pipeline's tests.
struct RegistryClientTests {
    private static func client(
        _ interface: RegistryAccess.Interface = .confluent,
        urls: [String] = ["http://r:8081"],
        answers: [String: (Int, String)]
    ) -> RegistryClient {
        let converter = RegistryConverter(
            .avro,
            interface == .confluent ? .confluent : .apicurio(usesContentID: false),
            RegistryAccess(interface, urls: urls, credentials: HTTPCredentials())
        )
        return RegistryClient(converter) { url throws(HTTPRequestError) in
            guard let (status, body) = answers[url] else {
                throw HTTPRequestError(url: url, cause: .cannotConnect, reason: "cannot connect")
            }
            return HTTPReply(status: status, body: Array(body.utf8))
        }
    }

    private func text(_ schema: FetchedSchema) -> String { String(decoding: schema.text, as: UTF8.self) }

    @Test func `a schema comes with all that it refers to, each once and before those that need it`()
        async throws
    {
        let client = Self.client(answers: [
            "http://r:8081/schemas/ids/7": (
                200,
                #"{"schema":"\"A\"","references":[{"name":"b","subject":"b/1","version":2},{"name":"c","subject":"c","version":1}]}"#
            ),
            "http://r:8081/subjects/b%2F1/versions/2": (
                200,
                #"{"subject":"b/1","schema":"\"B\"","references":[{"name":"c","subject":"c","version":1}]}"#
            ),
            "http://r:8081/subjects/c/versions/1": (
                200, #"{"schema":"\"C\"","references":[{"name":"b","subject":"b/1","version":2}]}"#
            ),
        ])
        let schema = try await client.schema(.number(7))
        #expect(text(schema) == #""A""#)
        #expect(schema.references.map(\.name) == ["c", "b"])
    }

    @Test func `the next server is asked where one does not answer`() async throws {
        let client = Self.client(
            urls: ["http://a:1", "http://b:2", "http://c:3/"],
            answers: [
                "http://b:2/schemas/ids/7": (503, ""),
                "http://c:3/schemas/ids/7": (200, #"{"schema":"\"int\""}"#),
            ]
        )
        #expect(text(try await client.schema(.number(7))) == #""int""#)
    }

    @Test func `a GUID has a path of its own`() async throws {
        let path = "http://r:8081/schemas/guids/00000000-0000-0001-0000-000000000002"
        let client = Self.client(answers: [path: (200, #"{"schema":"{}","schemaType":"JSON"}"#)])
        #expect(try await client.schema(.guid(1, 2)).language == .jsonSchema)
    }

    @Test(arguments: [2, 3])
    func `Apicurio's ids lead to the text, and to others`(version: Int) async throws {
        let base = "http://r:8080/apis/registry/v\(version)"
        let other = base + "/groups/g%201/artifacts/B/versions/1"
        let client = Self.client(
            .apicurio(version: version),
            urls: [base],
            answers: [
                "\(base)/ids/globalIds/7": (200, #""A""#),
                "\(base)/ids/globalIds/7/references": (
                    200, #"[{"groupId":"g 1","artifactId":"B","version":"1","name":"b"}]"#
                ),
                version == 2 ? other : other + "/content": (200, #""B""#), other + "/references": (200, "[]"),
                "\(base)/ids/contentIds/8": (200, #""C""#),
                "\(base)/ids/contentIds/8/references": (200, "[]"),
            ]
        )
        let schema = try await client.schema(.globalID(7))
        #expect(schema.references.map { String(decoding: $0.text, as: UTF8.self) } == [#""B""#])
        #expect(text(try await client.schema(.contentID(8))) == #""C""#)
    }

    /// What comes, whether later may be better, and a part of the reason.
    @Test(
        arguments: [
            (404, #"{"error_code":40403,"message":"Schema 7 not found"}"#, false, "no schema id 7"),
            (404, #"{"error_code":404,"message":"HTTP 404 Not Found"}"#, true, "address"),
            (404, "<html>", true, "address"),
            (500, "", true, "answers 500"), (401, "", true, "does not let"), (403, "", true, "does not let"),
            (301, "", true, "answers 301"), (200, "<html>", true, "not answer as a registry"),
            (200, "{}", true, "without a schema"), (200, "", true, "not answer as a registry"),
            (200, #"{"schema":"x","schemaType":"PROTOBUF"}"#, false, "PROTOBUF"),
            (429, "", true, "answers 429"),
        ]
    )
    func `no schema is known to be none, or waited for`(
        status: Int,
        body: String,
        isAway: Bool,
        part: String
    ) async throws {
        let client = Self.client(
            urls: ["http://u:s3cret@r:8081"],
            answers: ["http://u:s3cret@r:8081/schemas/ids/7": (status, body)]
        )
        do throws(RegistryFailure) {
            _ = try await client.schema(.number(7))
            Issue.record("it has no schema")
        } catch {
            switch error {
            case .away(let reason):
                #expect(isAway && reason.contains(part) && !reason.contains("s3cret"), "\(reason)")
            case .unusable(let reason):
                #expect(!isAway && reason.contains(part) && !reason.contains("s3cret"), "\(reason)")
            }
        }
    }
}
