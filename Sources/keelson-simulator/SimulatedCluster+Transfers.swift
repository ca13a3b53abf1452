import ClientHistory
import Engine
import Environment
import MVCC
import Primitives
import Raft
import ReplicaCore
import Simulation

/// States on their way from one member to another.
struct StateTransfers {
  /// One of them.
  struct Transfer: Hashable {
    var number: UInt64
    var from: MemberID
    var to: MemberID
    var term: Term
  }

  var readers: [Transfer: (reader: StateReader, last: StateChunk)] = [:]
  var arriving: [MemberID: Transfer] = [:]
  var nextNumber: UInt64 = 0
}

extension SimulatedCluster {
  func beginTransfer(from member: SimulatedMember, to: MemberID) {
    guard let replica = member.replica else { return }
    count(\.transfers)
    transfers.nextNumber += 1
    let transfer = StateTransfers.Transfer(
      number: transfers.nextNumber, from: member.id, to: to, term: replica.term)
    do {
      let reader = try StateReader(
        replica.store.snapshotView(), chunkBytes: settings.chunkBytes)
      guard let chunk = try reader.next() else { return }
      transfers.readers[transfer] = (reader, chunk)
      send(chunk, transfer)
    } catch {
      fail(.operation, "a state cannot be read: \(error)")
    }
  }

  private func send(
    _ chunk: StateChunk, _ transfer: StateTransfers.Transfer, attempt: Int = 1
  ) {
    var sent = chunk
    if !isHealing, below(100) == 0, !sent.content.isEmpty {
      sent.content[below(sent.content.count)] ^= 4
      mark(.damagedChunk)
    }
    let link = SimulatedNetwork.Link(from: transfer.from, to: transfer.to)
    for arrival in network.arrivals(on: link, now: now) {
      queue.plan(.chunk(sent, transfer), at: arrival)
    }
    queue.plan(
      .chunkOverdue(transfer, number: chunk.number, attempt: attempt), at: now + .milliseconds(120))
  }

  func chunkOverdue(_ transfer: StateTransfers.Transfer, number: UInt32, attempt: Int) {
    guard let last = transfers.readers[transfer]?.last, last.number == number else { return }
    guard attempt < 4, member(transfer.from).isUp else { return endTransfer(transfer, last: nil) }
    send(last, transfer, attempt: attempt + 1)
  }

  func take(_ chunk: StateChunk, _ transfer: StateTransfers.Transfer) {
    let member = member(transfer.to)
    guard member.isUp else { return }
    if chunk.number == 0, transfers.arriving[member.id] != transfer {
      transfers.arriving[member.id] = transfer
      member.incoming = StateBuilder(engine: MemoryEngine())
    }
    guard transfers.arriving[member.id] == transfer, let builder = member.incoming else { return }
    // A chunk that arrives twice was taken.
    var isTaken = chunk.number < builder.expected
    if chunk.number == builder.expected {
      do {
        try builder.append(chunk)
        isTaken = true
      } catch {
        isTaken = false
      }
    }
    let back = SimulatedNetwork.Link(from: transfer.to, to: transfer.from)
    for arrival in network.arrivals(on: back, now: now) {
      queue.plan(.chunkTaken(transfer, number: chunk.number, isTaken: isTaken), at: arrival)
    }
    guard isTaken, builder.isComplete, chunk.isLast,
      let reader = transfers.readers[transfer]?.reader
    else { return }
    let message = Message(
      from: transfer.from, to: transfer.to, term: transfer.term, content: .snapshot(reader.mark))
    step(member, .messages([message], member.time(now)))
  }

  func chunkTaken(_ transfer: StateTransfers.Transfer, number: UInt32, isTaken: Bool) {
    guard let (reader, last) = transfers.readers[transfer], last.number == number else { return }
    guard isTaken else { return endTransfer(transfer, last: nil) }
    if last.isLast { return endTransfer(transfer, last: reader.mark.last.index) }
    do {
      guard let chunk = try reader.next() else { return }
      transfers.readers[transfer] = (reader, chunk)
      send(chunk, transfer)
    } catch {
      fail(.operation, "a state cannot be read: \(error)")
    }
  }

  private func endTransfer(_ transfer: StateTransfers.Transfer, last: LogIndex?) {
    transfers.readers[transfer] = nil
    if last == nil { mark(.interruptedTransfer) }
    step(member(transfer.from), .snapshotSent(to: transfer.to, last: last))
  }

  /// The process begins again on the state that arrived; now and then only after a crash at this very point.
  func replaceState(_ member: SimulatedMember) {
    mark(.installedState)
    let crashes = !isHealing && below(3) == 0
    if crashes {
      mark(.crashWhileInstalling)
    } else if let new = member.incoming?.engine as? MemoryEngine {
      member.engine = new
      member.incoming = nil
    }
    transfers.arriving[member.id] = nil
    member.close(losingPower: crashes, entropy)
    if member.health == .forgetful { mark(.repairedMember) }
    start(member)
  }
}
