<?php
// Whoever has a description in the folder "sp" is trusted.
foreach (glob(getenv('SSP_FOLDER') . '/sp/*.xml') as $file) {
    foreach (SimpleSAML\Metadata\SAMLParser::parseDescriptorsFile($file) as $id => $described) {
        $sp = $described->getMetadata20SP();
        unset($sp['entityDescriptor'], $sp['expire']);
        $cipher = (string) getenv('SSP_CIPHER');
        $sp['assertion.encryption'] = $cipher !== '';
        $sp['sharedkey_algorithm'] = $cipher;
        $metadata[$id] = $sp;
    }
}
