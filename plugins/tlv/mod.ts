/**
 * The STAMP extensions (RFC 8972, RFC 9503, RFC 9534, RFC 10052), by type. HMAC is none of them: it needs a key, and
 * covers the others (`TlvMac` in `core/tlv.ts`).
 *
 * @module
 */
import type { TlvPlugin } from "../../core/plugin.ts";
import type { TlvAnswer } from "../../core/tlv.ts";
import { access } from "./access.ts";
import { control } from "./control.ts";
import { cos } from "./cos.ts";
import { destination } from "./destination.ts";
import { direct } from "./direct.ts";
import { followUp } from "./follow_up.ts";
import { location } from "./location.ts";
import { microSession } from "./micro_session.ts";
import { padding } from "./padding.ts";
import { returnPath } from "./return_path.ts";
import { timestampInfo } from "./timestamp_info.ts";

/** Built-in TLVs. */
export const TLVS: readonly TlvPlugin[] = [
  padding,
  location,
  timestampInfo,
  cos,
  direct,
  access,
  followUp,
  destination,
  returnPath,
  microSession,
  control,
];

/** What a reflector understands. */
export const TLV_ANSWERS: readonly TlvAnswer[] = TLVS.flatMap(({ answer }) => answer === undefined ? [] : [answer]);
