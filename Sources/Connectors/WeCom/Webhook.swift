/// The generic webhook: signed JSON to an address of the customer's own.
package struct Webhook: Sendable {
    private let http: OutboundHTTP
    private let addresses: AddressPolicy

    package init(http: OutboundHTTP, addresses: AddressPolicy) {
        self.http = http
        self.addresses = addresses
    }

    /// Posts one alert. Repetitions carry the same `X-Alert-Id`, so that the receiver can drop them.
    ///
    /// - Parameters:
    ///   - timestamp: Unix seconds.
    ///   - secret: appears in no log and no error.
    package func send(to url: String, alertID: String, body: [UInt8], secret: String, timestamp: Int64) async
        -> HTTPAnswer
    {
        guard addresses.allows(url) else { return .addressRefused }
        let time = String(timestamp)
        return await http.post(
            url,
            headers: [
                ("Content-Type", "application/json; charset=utf-8"),
                (WebhookSignature.alertIDHeader, alertID),
                (WebhookSignature.timestampHeader, time),
                (WebhookSignature.signatureHeader, WebhookSignature.value(secret: secret, timestamp: time, body: body)),
            ],
            body: body)
    }
}
