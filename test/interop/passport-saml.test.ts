/** @node-saml/passport-saml, on xml-crypto and xml-encryption. */
import { describePartner } from './describe-partner.ts';

describePartner('passport');
