/**
 * How a reflector answers the TLVs of a probe, in place (RFC 8972 section 4): a table by type, one walk, and nothing is
 * allocated a packet.
 *
 * @module
 */
import { type Batch, LOCAL_SIZE, PEER_SIZE } from "../batch.ts";
import { type FollowUp, NO_HOST, type TlvAnswer, type TlvContext, type TlvHost, type TlvMac } from "../tlv.ts";
import {
  findHmacTlv,
  isPaddingAlone,
  TLV_EXTRA_PADDING,
  TLV_HEADER,
  TLV_HMAC,
  TLV_HMAC_LENGTH,
  TlvFlag,
} from "../wire/tlv.ts";

/** The context that answers are given; its owner sets what is of the probe before each walk. */
export class AnswerContext implements TlvContext {
  readonly host: TlvHost;
  readonly followUp: FollowUp | undefined;
  synchronized = false;
  base = 0;
  ptp = false;
  received = -1;
  sent = -1;
  wantsFollowUp = false;
  readonly returnTo = new Uint8Array(16);
  redirected = false;
  readonly leaveFrom = new Uint8Array(16);
  relocated = false;
  drop = false;
  noReply = false;
  returnPathAt = -1;
  controlAt = -1;
  controlDrop = false;

  constructor(host: TlvHost, followUp: FollowUp | undefined) {
    this.host = host;
    this.followUp = followUp;
  }

  /** Forgets what the last probe asked for. */
  reset(): void {
    this.wantsFollowUp = false;
    this.redirected =
      this.relocated =
      this.drop =
      this.noReply =
      this.controlDrop =
        false;
    this.returnPathAt = this.controlAt = -1;
  }
}

/** Answers TLVs. */
export class TlvReflector {
  readonly context: AnswerContext;
  /** Probes with a TLV that cannot be, and whose HMAC did not verify. */
  malformed = 0;
  forged = 0;
  readonly #answers: (TlvAnswer | undefined)[] = new Array(256).fill(undefined);

  constructor(answers: readonly TlvAnswer[], host: TlvHost = NO_HOST, followUp?: FollowUp) {
    for (const answer of answers) this.#answers[answer.type] = answer;
    this.context = new AnswerContext(host, followUp);
  }

  /** Whether somebody answers TLVs of `type`. */
  knows(type: number): boolean {
    return this.#answers[type] !== undefined;
  }

  /**
   * Before anything is read of them: whether the TLVs at `from` to `end` are what was sent. To be asked while the
   * probe's Sequence Number still stands at `seqAt`.
   */
  verify(batch: Batch, mac: TlvMac, seqAt: number, from: number, end: number): boolean {
    const at = findHmacTlv(batch.view, from, end);
    const ok = at === end
      ? !mac.required || isPaddingAlone(batch.view, from, end)
      : at >= 0 && mac.verify(batch.view, batch.bytes, seqAt, from, at, at + TLV_HEADER);
    if (!ok) this.forged++;
    return ok;
  }

  /** What failed goes back as it came, with I in each TLV. */
  refuse(view: DataView, at: number, end: number): void {
    while (end - at >= TLV_HEADER) {
      view.setUint8(at, (view.getUint8(at) & TlvFlag.U) | TlvFlag.I);
      at += TLV_HEADER + view.getUint16(at + 2);
    }
  }

  /**
   * Answers the TLVs at `at` to `end`. A malformed one ends the walk; what follows goes back as it came. `verified`: an
   * HMAC TLV among them has been checked, and is made anew when all else stands. Returns whether all were whole.
   */
  answer(batch: Batch, slot: number, at: number, end: number, verified: boolean): boolean {
    const { view } = batch;
    while (at < end) {
      if (end - at < TLV_HEADER) {
        // Not even a header: its length cannot be right.
        view.setUint8(at, TlvFlag.U | TlvFlag.M);
        this.malformed++;
        return false;
      }
      const type = view.getUint8(at + 1);
      const length = view.getUint16(at + 2);
      const next = at + TLV_HEADER + length;
      const flags = this.#answer(batch, slot, at, type, length, next > end, verified);
      view.setUint8(at, flags);
      if (flags & TlvFlag.M) {
        this.malformed++;
        return false;
      }
      at = next;
    }
    return true;
  }

  #answer(
    batch: Batch,
    slot: number,
    at: number,
    type: number,
    length: number,
    overruns: boolean,
    verified: boolean,
  ): number {
    if (type === TLV_EXTRA_PADDING) return overruns ? TlvFlag.M : 0;
    if (type === TLV_HMAC && verified) return overruns || length !== TLV_HMAC_LENGTH ? TlvFlag.M : 0;
    const answer = this.#answers[type];
    if (answer === undefined) return overruns ? TlvFlag.U | TlvFlag.M : TlvFlag.U;
    return overruns ? TlvFlag.M : answer.reflect(this.context, batch, slot, at + TLV_HEADER, length);
  }

  /** Sends the reply in `slot` on its way, if it is to go elsewhere: only now, so that no answer sees it. */
  route({ peer, local }: Batch, slot: number): void {
    const { redirected, returnTo, relocated, leaveFrom } = this.context;
    if (redirected) { for (let i = 0; i < 16; i++) peer[slot * PEER_SIZE + i] = returnTo[i]; }
    if (relocated) { for (let i = 0; i < 16; i++) local[slot * LOCAL_SIZE + i] = leaveFrom[i]; }
  }

  /** Makes the HMAC of a reply anew, where it has one: the last thing, and before T3, which it does not cover. */
  sign(batch: Batch, mac: TlvMac, seqAt: number, from: number, end: number): void {
    const at = findHmacTlv(batch.view, from, end);
    if (at >= 0 && at < end) mac.sign(batch.view, batch.bytes, seqAt, from, at, at + TLV_HEADER);
  }
}
