export function newPlugin(_k: string, _n: string, _d: string): string {
  return "";
}
