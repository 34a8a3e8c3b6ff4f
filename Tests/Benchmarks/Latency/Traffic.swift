import Contracts
import Foundation
import Records

/// Chat of 2,000 conversations; some of it complains.
struct Traffic: Sendable {
    struct Message {
        var id: String
        var alerts: Bool
        var record: OutgoingRecord
    }

    private static let conversations = 2_000
    private static let words = ["您好", "请问这款", "保温杯", "还有现货吗", "今天发货", "谢谢", "好的收到", "麻烦看看地址"]

    let corp: String
    let alertEvery: Int
    private let run = UInt64.random(in: 1_000_000...9_999_999)

    init(corp: String, alertEvery: Int) {
        self.corp = corp
        self.alertEvery = alertEvery
    }

    func message(_ number: Int) -> Message {
        let conversation = number &* 7_919 % Self.conversations
        let alerts = number % alertEvery == 0
        let now = Int64(Date.now.timeIntervalSince1970 * 1_000)
        let id = "\(run)\(number)_\(now)_external"
        let (customer, employee) = (String(format: "wmBench%025d", conversation), "employee\(conversation % 50)")
        var text = (0..<6).map { Self.words[(number &* 31 &+ $0 &* 17) % Self.words.count] }.joined()
        if alerts { text += "，再不处理我就维*權" }
        let value = """
            {"seq":\(number + 1),"corp_id":"\(corp)","msgid":"\(id)","action":"send","from":"\(customer)",\
            "tolist":["\(employee)"],"roomid":"","msgtime":\(now),"msgtype":"text","text":{"content":"\(text)"}}
            """
        return Message(
            id: id, alerts: alerts,
            record: OutgoingRecord(
                topic: Topics.chatRaw.name, key: Array("\(employee)|\(customer)".utf8), value: Array(value.utf8)))
    }
}
