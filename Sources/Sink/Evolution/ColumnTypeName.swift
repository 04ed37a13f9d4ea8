/// The PostgreSQL type of a column that is made from a Connect schema.
enum ColumnTypeName {
    /// The type as SQL writes it, or `nil` where the field's values have no known column type.
    ///
    /// The source column's own type wins where Debezium propagates it and it fits the schema; then the schema's
    /// name decides, then Connect's type.
    static func sql(for field: ConnectField) -> String? {
        if field.type == "array", field.semantic == nil {
            guard var element = field.items.first, element.type != "array" else { return nil }
            // The source's type stands at the array, with an underscore as PostgreSQL names array types.
            if let type = sourceType(field)?.without(prefix: "_") {
                element.parameters.merge(field.parameters) { own, _ in own }
                element.parameters["__debezium.source.column.type"] = type
            }
            guard let type = sql(for: element) else { return nil }
            return type + "[]"
        }
        if let type = propagated(field) { return type }
        guard let semantic = field.semantic else { return byConnectType(field.type) }
        if let type = bySemantic(semantic, field) { return type }
        // A name that neither Debezium nor Connect gave says nothing about how values are written.
        let isForeign =
            !semantic.begins(with: "io.debezium.") && !semantic.begins(with: "org.apache.kafka.connect.")
        return isForeign ? byConnectType(field.type) : nil
    }

    private static func byConnectType(_ type: String) -> String? {
        switch type {
        case "boolean": return "boolean"
        case "int8", "int16": return "smallint"
        case "int32": return "integer"
        case "int64": return "bigint"
        case "float": return "real"
        case "double": return "double precision"
        case "string": return "text"
        case "bytes": return "bytea"
        case "map", "struct": return "jsonb"
        default: return nil
        }
    }

    private static func bySemantic(_ name: String, _ field: ConnectField) -> String? {
        switch name {
        case "org.apache.kafka.connect.data.Decimal": return decimal(field)
        case "io.debezium.data.VariableScaleDecimal": return "numeric"
        case "io.debezium.time.Date", "org.apache.kafka.connect.data.Date": return "date"
        case "io.debezium.time.Time", "org.apache.kafka.connect.data.Time": return "time(3)"
        case "io.debezium.time.MicroTime", "io.debezium.time.NanoTime": return "time(6)"
        case "io.debezium.time.ZonedTime": return "timetz"
        case "io.debezium.time.Timestamp", "org.apache.kafka.connect.data.Timestamp": return "timestamp(3)"
        case "io.debezium.time.MicroTimestamp", "io.debezium.time.NanoTimestamp": return "timestamp(6)"
        case "io.debezium.time.ZonedTimestamp": return "timestamptz"
        case "io.debezium.time.MicroDuration", "io.debezium.time.Interval": return "interval"
        case "io.debezium.time.IsoDate", "io.debezium.time.IsoTime", "io.debezium.time.IsoTimestamp",
            "io.debezium.data.Enum":
            return "text"
        case "io.debezium.data.Uuid": return "uuid"
        case "io.debezium.data.Json": return "json"
        case "io.debezium.data.Xml": return "xml"
        case "io.debezium.data.Ltree": return "ltree"
        case "io.debezium.data.Tsvector": return "tsvector"
        case "io.debezium.data.Bits": return bits(field)
        case "io.debezium.data.DoubleVector": return "vector"
        case "io.debezium.data.FloatVector": return "halfvec"
        case "io.debezium.data.SparseDoubleVector": return "sparsevec"
        case "io.debezium.data.geometry.Point": return "point"
        case "io.debezium.data.geometry.Line": return "line"
        case "io.debezium.data.geometry.Circle": return "circle"
        // Boxes, paths and polygons have the schema of PostGIS's types; only the propagated type tells.
        case "io.debezium.data.geometry.Geometry" where sourceType(field) == "GEOMETRY": return "geometry"
        case "io.debezium.data.geometry.Geography" where sourceType(field) == "GEOGRAPHY": return "geography"
        default: return nil
        }
    }

    private static func decimal(_ field: ConnectField) -> String {
        let precision = number(field, "connect.decimal.precision")
        guard let precision, let scale = number(field, "scale"), 1...1000 ~= precision, 0...precision ~= scale
        else { return "numeric" }
        return "numeric(\(precision),\(scale))"
    }

    private static func bits(_ field: ConnectField) -> String {
        // Without a limit the length is the greatest integer.
        guard let length = number(field, "length"), 1...83_886_080 ~= length else { return "bit varying" }
        return sourceType(field) == "VARBIT" ? "bit varying(\(length))" : "bit(\(length))"
    }

    /// The source column's type where it says more than the schema and means the same values.
    ///
    /// Only pairs that PostgreSQL's connector produces: other databases use the same words for other things.
    private static func propagated(_ field: ConnectField) -> String? {
        guard let type = sourceType(field) else { return nil }
        switch (field.semantic, field.type, type) {
        case (nil, "string", "VARCHAR"): return limited("varchar", field)
        case (nil, "string", "BPCHAR"), (nil, "string", "CHAR"): return limited("char", field)
        case (nil, "string", "CITEXT"), (nil, "string", "INET"), (nil, "string", "CIDR"),
            (nil, "string", "MACADDR"), (nil, "string", "MACADDR8"), (nil, "string", "INT4RANGE"),
            (nil, "string", "INT8RANGE"), (nil, "string", "NUMRANGE"), (nil, "string", "TSRANGE"),
            (nil, "string", "TSTZRANGE"), (nil, "string", "DATERANGE"):
            return type.lowercasedASCII
        case (nil, "string", "NUMERIC"), (nil, "double", "NUMERIC"): return "numeric"
        case (nil, "int64", "OID"): return "oid"
        case (nil, "map", "HSTORE"), ("io.debezium.data.Json", _, "HSTORE"): return "hstore"
        case ("io.debezium.data.Json", _, "JSONB"): return "jsonb"
        case ("org.apache.kafka.connect.data.Decimal", _, "MONEY"): return "money"
        default: return nil
        }
    }

    private static func limited(_ type: String, _ field: ConnectField) -> String {
        guard let length = number(field, "__debezium.source.column.length"), 1...10_485_760 ~= length
        else { return "text" }
        return "\(type)(\(length))"
    }

    private static func sourceType(_ field: ConnectField) -> String? {
        field.parameters["__debezium.source.column.type"]?.uppercasedASCII
    }

    private static func number(_ field: ConnectField, _ parameter: String) -> Int? {
        field.parameters[parameter].flatMap { Int($0) }
    }
}
