/** mod_auth_mellon, on Lasso and libxmlsec. */
import { describePartner } from './describe-partner.ts';

describePartner('mellon');
