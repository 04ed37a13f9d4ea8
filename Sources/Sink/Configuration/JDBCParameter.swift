/// What becomes of a parameter of pgJDBC's URL.
enum JDBCParameter: Equatable {
    /// libpq's keyword and its value.
    case option(String, String)
    /// A part of libpq's `options`.
    case setting(String)
    case effectless(String)
    /// Texts are read as the column's type reads them.
    case readsTexts
    /// The text goes after the parameter's name.
    case refused(String)

    init(_ name: String, _ value: String) {
        switch name {
        case "user", "password", "sslrootcert", "sslcert", "sslpassword": self = .option(name, value)
        case "sslkey" where value.ends(with: ".p12"): self = .refused("must name a PEM or DER file")
        case "sslkey": self = .option(name, value)
        case "ApplicationName": self = .option("application_name", value)
        case "currentSchema": self = .setting("-c search_path=\(Self.escape(value))")
        case "options": self = .setting(value)
        case "krbsrvname", "kerberosServerName": self = .option("krbsrvname", value)
        case "ssl", "sslmode", "sslfactory", "sslNegotiation", "gssEncMode", "channelBinding":
            self = Self.security(name, value)
        case "targetServerType", "loadBalanceHosts", "readOnly", "tcpKeepAlive", "protocolVersion":
            self = Self.session(name, value)
        case "connectTimeout", "loginTimeout", "sslResponseTimeout", "gssResponseTimeout":
            self = .effectless(
                "a connection must come about within 5 seconds, and is tried again without end"
            )
        case "socketTimeout", "queryTimeout", "cancelSignalTimeout":
            self = .effectless("an answer must come within 60 seconds; a dead peer is noticed after 10")
        case "stringtype" where value.lowercasedASCII == "unspecified": self = .readsTexts
        case "stringtype" where value.lowercasedASCII != "varchar" && !value.isEmpty:
            self = .refused("must be varchar or unspecified")
        case "useSSL", "requireSSL", "verifyServerCertificate":
            self =
                value.lowercasedASCII == "true"
                ? .refused("is MySQL's, and pgJDBC passes it over: give sslmode=require")
                : .effectless(Self.isMySQLs)
        case let name where Self.others.contains(name): self = .effectless(Self.isMySQLs)
        case let name where Self.tuning.contains(name): self = .effectless("it tunes pgJDBC's way of sending")
        default: self = .refused(Self.unknown)
        }
    }

    /// Whether pgJDBC has a parameter of this name.
    static func isKnown(_ name: String) -> Bool { JDBCParameter(name, "") != .refused(unknown) }

    private static let isMySQLs = "it is MySQL's; pgJDBC passes it over, too"
    private static let others: Set<String> = [
        "useUnicode", "characterEncoding", "serverTimezone", "autoReconnect", "rewriteBatchedStatements",
        "allowPublicKeyRetrieval", "zeroDateTimeBehavior", "useLegacyDatetimeCode", "allowMultiQueries",
    ]

    private static let unknown = "is not supported; remove it"

    private static func security(_ name: String, _ value: String) -> JDBCParameter {
        switch (name, value) {
        // pgJDBC: "setting up ssl=true is the same as sslmode=verify-full".
        case ("ssl", "true"), ("ssl", ""): return .option("sslmode", "verify-full")
        // pgJDBC takes the absence of ssl=true as sslmode=prefer, not as disable.
        case ("ssl", "false"): return .option("sslmode", "prefer")
        case ("ssl", _): return .refused("must be true or false")
        case ("sslmode", "disable"), ("sslmode", "allow"), ("sslmode", "prefer"), ("sslmode", "require"),
            ("sslmode", "verify-ca"), ("sslmode", "verify-full"):
            return .option("sslmode", value)
        case ("sslmode", _):
            return .refused("must be one of disable, allow, prefer, require, verify-ca, verify-full")
        case ("sslfactory", "org.postgresql.ssl.LibPQFactory"):
            return .effectless("libpq is what it imitates")
        case ("sslfactory", _):
            return .refused(
                "names a Java class; give sslrootcert for an authority of your own, or sslmode=require to encrypt "
                    + "without validating"
            )
        case ("sslNegotiation", "postgres"): return .effectless("it is the only way here")
        case ("sslNegotiation", _): return .refused("must be postgres")
        case ("gssEncMode", "disable"), ("gssEncMode", "prefer"), ("gssEncMode", "require"):
            return .option("gssencmode", value)
        case ("gssEncMode", _): return .refused("must be one of disable, prefer, require")
        case ("channelBinding", "disable"), ("channelBinding", "prefer"), ("channelBinding", "require"):
            return .option("channel_binding", value)
        default: return .refused("must be one of disable, prefer, require")
        }
    }

    private static func session(_ name: String, _ value: String) -> JDBCParameter {
        switch (name, value) {
        case ("targetServerType", "any"): return .option("target_session_attrs", "any")
        // A sink has nothing to do on a standby, so a preference is a demand.
        case ("targetServerType", "primary"), ("targetServerType", "master"),
            ("targetServerType", "preferPrimary"):
            return .option("target_session_attrs", "primary")
        case ("targetServerType", _): return .refused("must be primary, preferPrimary or any: a sink writes")
        case ("loadBalanceHosts", "false"): return .effectless("hosts are tried in their order")
        case ("loadBalanceHosts", _): return .refused("must be false: hosts are tried in their order")
        case ("readOnly", "false"): return .effectless("sessions can write")
        case ("readOnly", _): return .refused("must be false: a sink writes")
        case ("tcpKeepAlive", "true"), ("tcpKeepAlive", "false"): return .effectless("it is always on")
        case ("tcpKeepAlive", _): return .refused("must be true or false")
        case ("protocolVersion", "3"): return .effectless("it is the only one")
        default: return .refused("must be 3")
        }
    }

    /// How pgJDBC sends, caches, logs and reads; this sink always sends arrays and reads nothing but its progress.
    private static let tuning: Set<String> = [
        "reWriteBatchedInserts", "prepareThreshold", "preparedStatementCacheQueries",
        "preparedStatementCacheSizeMiB", "preferQueryMode", "defaultRowFetchSize", "adaptiveFetch",
        "adaptiveFetchMinimum", "adaptiveFetchMaximum", "binaryTransfer", "binaryTransferEnable",
        "binaryTransferDisable", "databaseMetadataCacheFields", "databaseMetadataCacheFieldsMiB",
        "disableColumnSanitiser", "sendBufferSize", "receiveBufferSize", "maxSendBufferSize",
        "maxResultBuffer", "assumeMinServerVersion", "autosave", "cleanupSavepoints", "stringtype",
        "logServerErrorDetail", "logUnclosedConnections", "unknownLength", "escapeSyntaxCallMode",
        "quoteReturningIdentifiers", "loggerLevel", "loggerFile", "tcpNoDelay", "hideUnprivilegedObjects",
        "groupStartupParameters", "hostRecheckSeconds", "readOnlyMode",
    ]

    /// A value inside libpq's `options`, where spaces separate and backslashes escape.
    private static func escape(_ value: String) -> String {
        value.replacingScalars("\\", with: "\\\\").replacingScalars(" ", with: "\\ ")
    }
}
