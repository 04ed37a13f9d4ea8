import Postgres

/// Whole columns as parameters: one array each, in which `nil` is null.
extension Parameters {
    mutating func appendArray(_ values: [String?]) {
        appendArray(values, of: TypeOID.text, array: TypeOID.textArray) { $0.element($1) }
    }

    mutating func appendArray(_ values: [Int32?]) {
        appendArray(values, of: TypeOID.int4, array: TypeOID.int4Array) { $0.element($1) }
    }

    mutating func appendArray(_ values: [Int64?]) {
        appendArray(values, of: TypeOID.int8, array: TypeOID.int8Array) { $0.element($1) }
    }

    mutating func appendArray(_ values: [[UInt8]?]) {
        appendArray(values, of: TypeOID.bytea, array: TypeOID.byteaArray) { $0.element($1[...]) }
    }

    private mutating func appendArray<Value>(
        _ values: [Value?],
        of elementType: UInt32,
        array arrayType: UInt32,
        element: (inout Parameters, Value) -> Void
    ) {
        startArray(of: elementType, array: arrayType, count: values.count)
        for value in values {
            if let value { element(&self, value) } else { elementNull() }
        }
        finishArray()
    }
}
