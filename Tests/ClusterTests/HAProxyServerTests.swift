import Testing

@testable import Cluster

struct HAProxyServerTests {
    static let csv = """
        # pxname,svname,qcur,status,weight
        leader,FRONTEND,,OPEN,
        leader,patroni1,0,DOWN,1
        leader,patroni2,0,UP,1
        leader,patroni3,0,UP 1/2,1
        leader,BACKEND,0,UP,1
        replicas,patroni1,0,UP,1
        """

    @Test func `the servers of one proxy and whether they are up`() {
        #expect(
            HAProxyServer.parse(csv: Self.csv, proxy: "leader") == [
                .init(name: "patroni1", isUp: false), .init(name: "patroni2", isUp: true),
                .init(name: "patroni3", isUp: true),
            ]
        )
        #expect(HAProxyServer.parse(csv: Self.csv, proxy: "other").isEmpty)
        #expect(HAProxyServer.parse(csv: "<html>", proxy: "leader").isEmpty)
    }

    @Test func `line ends, quotes and foreign letters are read on bytes`() {
        let csv =
            "# pxname,svname,status,desc\r\nlé,\"a,\"\"1\"\"\",UP,x\r\n"
            + "\r\nlé,b\u{1B},\"UP 1/2\",\"two\r\nlines\"\r\n"
            + "lé,c,MAINT,\r\nlé,short\r\nle\u{301},d,UP,\nlé,e,\u{301}UP,\nlé,f,UP"
        #expect(
            HAProxyServer.parse(csv: csv, proxy: "l\u{E9}") == [
                .init(name: "a,\"1\"", isUp: true), .init(name: "b\\u{1b}", isUp: true),
                .init(name: "c", isUp: false), .init(name: "e", isUp: false), .init(name: "f", isUp: true),
            ]
        )
    }

    @Test(arguments: [
        "", "\n", "#", "\"", "# pxname,svname\na,b", "# status,svname,pxname\nUP", "\r\n\u{0},,,",
    ])
    func `what is no table of servers has none`(csv: String) {
        #expect(HAProxyServer.parse(csv: csv, proxy: "").isEmpty)
    }
}
