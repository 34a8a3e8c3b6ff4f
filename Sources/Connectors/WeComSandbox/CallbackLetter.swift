import Crypto
import CryptoExtras
package import Foundation

/// Seals events as the platform does. Written apart from the code that opens them, so that a fault there does not hide
/// itself here.
package struct CallbackLetter: Sendable {
    private let callback: SandboxSettings.Callback

    package init(callback: SandboxSettings.Callback) { self.callback = callback }

    package func click(_ click: AppDesk.Click, responseCode: String, now: Date) -> (url: String, body: String) {
        let xml = """
            <xml><ToUserName><![CDATA[\(callback.corpID)]]></ToUserName>\
            <FromUserName><![CDATA[\(click.user)]]></FromUserName>\
            <MsgType><![CDATA[event]]></MsgType><Event><![CDATA[template_card_event]]></Event>\
            <CreateTime>\(Int64(now.timeIntervalSince1970))</CreateTime><AgentID>1000012</AgentID>\
            <EventKey><![CDATA[\(click.key)]]></EventKey><TaskId><![CDATA[\(click.taskID)]]></TaskId>\
            <CardType><![CDATA[button_interaction]]></CardType>\
            <ResponseCode><![CDATA[\(responseCode)]]></ResponseCode></xml>
            """
        return sealed(Array(xml.utf8), now: now)
    }

    /// Any content as a call with address and body.
    package func sealed(_ content: [UInt8], now: Date) -> (url: String, body: String) {
        let encrypted = encrypted(content)
        let query = query(encrypted, now: now)
        return (
            "\(callback.url)?\(query)",
            "<xml><ToUserName><![CDATA[\(callback.corpID)]]></ToUserName><AgentID><![CDATA[1000012]]></AgentID>"
                + "<Encrypt><![CDATA[\(encrypted)]]></Encrypt></xml>"
        )
    }

    /// The address the platform asks when the call-back is entered in its console.
    package func echo(_ text: String, now: Date) -> String {
        let encrypted = encrypted(Array(text.utf8))
        let escaped = encrypted.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        return "\(callback.url)?\(query(encrypted, now: now))&echostr=\(escaped)"
    }

    private func query(_ encrypted: String, now: Date) -> String {
        let timestamp = String(Int64(now.timeIntervalSince1970))
        let nonce = String(UInt32.random(in: 1...999_999_999))
        let digest = Insecure.SHA1.hash(
            data: Data([callback.token, timestamp, nonce, encrypted].sorted().joined().utf8))
        let signature = digest.map { String(format: "%02x", $0) }.joined()
        return "msg_signature=\(signature)&timestamp=\(timestamp)&nonce=\(nonce)"
    }

    private func encrypted(_ content: [UInt8]) -> String {
        guard let key = Data(base64Encoded: callback.key + "=") else { return "" }
        var plain = (0..<16).map { _ in UInt8.random(in: 0...255) }
        withUnsafeBytes(of: UInt32(content.count).bigEndian) { plain += $0 }
        plain += content + Array(callback.corpID.utf8)
        let padding = 32 - plain.count % 32
        plain += [UInt8](repeating: UInt8(padding), count: padding)
        // A key of another length has no cipher; the receiver refuses the empty text.
        guard let iv = try? AES._CBC.IV(ivBytes: key.prefix(16)),
            let sealed = try? AES._CBC.encrypt(plain, using: SymmetricKey(data: key), iv: iv, noPadding: true)
        else { return "" }
        return sealed.base64EncodedString()
    }
}
