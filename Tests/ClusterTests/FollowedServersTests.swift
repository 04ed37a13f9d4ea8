import HTTPRequests
import Testing

@testable import Cluster

@Suite struct FollowedServersTests {
    struct Case: Sendable {
        var given: [String]
        var named: String
        var hasPassword = false
        /// What is asked beside the given ones.
        var asked: [String] = []
    }

    private static func members(_ urls: [String?]) -> [ClusterState.Member] {
        urls.enumerated().map { index, url in
            ClusterState.Member(
                name: "patroni\(index + 1)",
                role: "replica",
                state: "streaming",
                host: "10.0.0.\(index + 1)",
                port: 5432,
                timeline: 1,
                apiURL: url
            )
        }
    }

    @Test(
        arguments: [
            Case(given: ["http://db1:8008"], named: "http://db4:8008/patroni", asked: ["http://db4:8008"]),
            Case(given: ["https://db1:8008"], named: "https://db4:8008/patroni", asked: ["https://db4:8008"]),
            Case(
                given: ["https://db1:8008"],
                named: "https://db4:8008/patroni",
                hasPassword: true,
                asked: ["https://db4:8008"]
            ),
            Case(
                given: ["http://127.0.0.1:8008"],
                named: "http://127.0.0.1:8011/patroni",
                asked: ["http://127.0.0.1:8011"]
            ),
            // One that is known is not asked twice.
            Case(given: ["http://db1:8008"], named: "http://db1:8008/patroni"),
            // An answer that may be forged gives nobody a password, and leads to no port of this machine.
            Case(given: ["http://db1:8008"], named: "http://db4:8008/patroni", hasPassword: true),
            Case(given: ["http://db1:8008"], named: "https://db4:8008/patroni", hasPassword: true),
            Case(given: ["http://db1:8008"], named: "http://127.0.0.1:80/patroni"),
            // What can't be forged is not asked again in a way that can.
            Case(given: ["https://db1:8008"], named: "http://db4:8008/patroni"),
            Case(given: ["http://127.0.0.1:8008"], named: "http://db4:8008/patroni"),
            Case(given: ["http://127.0.0.1:8008"], named: "https://db4:8008/patroni"),
        ]
    )
    func `a member that came later is asked where that gives nobody more than he has`(_ each: Case) {
        var credentials = HTTPCredentials()
        if each.hasPassword { (credentials.userName, credentials.password) = ("u", "p") }
        let servers = FollowedServers(given: each.given, credentials: credentials)
        servers.follow(Self.members([each.named]))
        #expect(servers.urls == each.given + each.asked)
    }

    @Test(
        arguments: [
            nil, "", "http://db4:8008", "http://db4:8008/other", "http://u:p@db4:8008/patroni", "/patroni",
            "http://db4:8008/x/patroni", "http://db4:8008?x=/patroni", "file:///patroni",
            "unix:/tmp/s/patroni", "http+unix://%2Ftmp%2Fs/patroni", "http://db4:8008\r\nX: y/patroni",
            "http://db4:800x/patroni",
        ]
    )
    func `what is no plain server is not asked`(_ url: String?) {
        let servers = FollowedServers(given: ["http://db1:8008"], credentials: HTTPCredentials())
        servers.follow(Self.members([url]))
        #expect(servers.urls == ["http://db1:8008"])
    }

    @Test func `members that left are not asked any more, and a flood of them is cut off`() {
        let servers = FollowedServers(given: ["http://db1:8008"], credentials: HTTPCredentials())
        servers.follow(Self.members((0..<1_000).map { "http://node\($0):8008/patroni" }))
        #expect(servers.urls.count == 1 + FollowedServers.limit)
        servers.follow(Self.members(["http://db4:8008/patroni"]))
        #expect(servers.urls == ["http://db1:8008", "http://db4:8008"])
        servers.follow([])
        #expect(servers.urls == ["http://db1:8008"])
    }
}
