import Hummingbird

/// One message on its way to one customer, as `GET /sandbox/touches` lists it.
package struct SandboxTouch: Codable, Sendable, Equatable, ResponseEncodable {
    package var customerID: String
    package var msgid: String
    package var corpID: String
    package var sender: String
    package var text: String
    /// When its task was made, milliseconds UTC.
    package var time: Int64

    enum CodingKeys: String, CodingKey {
        case customerID = "customer_id"
        case msgid
        case corpID = "corp_id"
        case sender
        case text
        case time
    }
}
