/** The section of the audit trail ready for use: paths are absolute. */
import type { AuditConfig } from './audit-schema.ts';

/** @param at makes a path absolute */
export function completeAudit(audit: AuditConfig, at: (path: string) => string): AuditConfig {
  const { file, syslog } = audit;
  return {
    ...audit,
    ...(file !== undefined && { file: { ...file, path: at(file.path) } }),
    ...(syslog?.caFile !== undefined && { syslog: { ...syslog, caFile: at(syslog.caFile) } }),
  };
}
