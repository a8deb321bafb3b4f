/**
 * TWAMP-Control on the wire: all its messages, to and from plain objects.
 *
 * @module
 */
export { Accept, acceptText, Command, CONTROL_BLOCK, Mode, readAccept, SECURITY_MODES, SIZE } from "./control_codes.ts";
export { lengthOf, TOO_LONG } from "./control_length.ts";
export * from "./control_layouts.ts";
export * from "./control_run.ts";
export * from "./control_session.ts";
export * from "./control_setup.ts";
